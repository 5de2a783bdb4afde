/** What the commands for the shell share: where the cluster is, how arguments are read, how failures are reported. */
@NullMarked
package dev.holdfast.server.shell;

import org.jspecify.annotations.NullMarked;
