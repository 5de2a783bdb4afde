/**
 * What a configuration file says, read and checked: text in, one record or all that is wrong with it out. No command line
 * may enter, and nothing that starts a node.
 */
@NullMarked
package dev.holdfast.server.config;

import org.jspecify.annotations.NullMarked;
