<?php
// What a web server's rewriting does: the site may live in a subfolder, files
// are served as they are, and everything else is index.php.
$root   = getenv( 'LW_ROOT' );
$prefix = (string) parse_url( getenv( 'LW_HOME' ), PHP_URL_PATH );
$path   = rawurldecode( (string) parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
if ( '' !== $prefix && ! str_starts_with( $path . '/', $prefix . '/' ) ) {
	http_response_code( 404 );
	echo '<!DOCTYPE html><title>Firma</title><p>Hier ist nicht der Blog.';
	return true;
}
$file = realpath( $root . substr( $path, strlen( $prefix ) ) );
if ( $file && is_dir( $file ) ) {
	$file = realpath( $file . '/index.php' );
}
if ( ! $file || ! str_starts_with( $file, realpath( $root ) ) || ! str_ends_with( $file, '.php' ) ) {
	$file = realpath( $root . '/index.php' );
}
$_SERVER['SCRIPT_NAME']     = $prefix . substr( $file, strlen( realpath( $root ) ) );
$_SERVER['PHP_SELF']        = $_SERVER['SCRIPT_NAME'];
$_SERVER['SCRIPT_FILENAME'] = $file;
chdir( dirname( $file ) );
require $file;
