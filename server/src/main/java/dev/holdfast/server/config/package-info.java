/**
 * What a configuration file says, read and checked: text in, one record or a list of problems out. No command line
 * belongs here, and nothing that starts a node.
 */
@NullMarked
package dev.holdfast.server.config;

import org.jspecify.annotations.NullMarked;
