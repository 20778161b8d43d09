// Package httpx asks other people's servers politely: it says who it is, waits
// its turn at each host, obeys Retry-After, bounds time and bytes, keeps no
// cookies, and cannot be talked into reaching the operator's inner networks.
//
// [New] makes a [Client]; connectors get its [Client.HTTP] and send with [Do],
// whose errors name a host and a cause and never an address with its secrets.
package httpx
