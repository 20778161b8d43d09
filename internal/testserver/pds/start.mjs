// Starts a PLC directory and a PDS for one test and ends with it: the addresses
// go to standard output as one line of JSON, and the end of standard input is
// the order to stop.
import net from 'node:net'

// Neither server can be told where to listen. A test must not be reachable
// from other machines, so a bare port becomes a port of the loopback address.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const port = args[0]
  if (typeof port === 'number' || typeof port === 'string') {
    const done = args.filter((a) => typeof a === 'function')
    return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...done)
  }
  if (port !== null && typeof port === 'object' && port.port !== undefined) {
    return listen.call(this, { ...port, host: '127.0.0.1' }, ...args.slice(1))
  }
  return listen.apply(this, args)
}

const { TestNetworkNoAppView } = await import('@atproto/dev-env')
const network = await TestNetworkNoAppView.create({ pds: { hostname: 'localhost' } })
process.stdout.write(JSON.stringify({ pds: network.pds.url, plc: network.plc.url }) + '\n')

process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
