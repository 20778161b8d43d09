<?php
// Site settings that a test chooses by the environment.
if ( getenv( 'LW_PLAIN' ) ) {
	add_filter( 'pre_option_permalink_structure', fn() => '' );
}
// Privacy plugins remove what names a commenter's browser.
if ( getenv( 'LW_NO_AGENT' ) ) {
	add_filter( 'pre_comment_user_agent', fn() => '' );
}
// A test makes more comments than a person may in fifteen seconds, unless it is
// about that.
if ( ! getenv( 'LW_FLOOD' ) ) {
	add_filter( 'comment_flood_filter', '__return_false', 99 );
}
