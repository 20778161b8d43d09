<?php
// Fills an empty database: the site, one user a role, and an application
// password for each, printed as JSON.
define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = 'localhost';
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'Schuhfabrik Ahlenbach', 'admin', 'admin@schuhe.example', true, '', 'password of admin' );
foreach ( array(
	'permalink_structure'          => '/%postname%/',
	'comment_previously_approved'  => '0',
	'comment_moderation'           => '0',
	'timezone_string'              => 'Europe/Berlin', // so that local times and UTC differ
	'show_avatars'                 => '1',
	'template'                     => 'plain',
	'stylesheet'                   => 'plain',
	'comments_notify'              => '0',
	'moderation_notify'            => '0',
) as $name => $value ) {
	update_option( $name, $value );
}
flush_rewrite_rules();
wp_delete_comment( 1, true );
wp_delete_post( 1, true );
$users = array();
foreach ( array( 'admin', 'editor', 'author', 'subscriber' ) as $role ) {
	$id = 1;
	if ( 'admin' !== $role ) {
		$id = wp_insert_user( array(
			'user_login' => $role, 'user_pass' => 'password of ' . $role, 'user_email' => $role . '@schuhe.example',
			'display_name' => ucfirst( $role ), 'role' => $role,
		) );
	}
	list( $password ) = WP_Application_Passwords::create_new_application_password( $id, array( 'name' => 'Lastword' ) );
	$users[ $role ]   = array( 'id' => $id, 'password' => WP_Application_Passwords::chunk_password( $password ) );
}
file_put_contents( $argv[2], json_encode( $users ) );
