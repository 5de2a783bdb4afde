/** What the commands for the shell share. */
package dev.holdfast.server.shell;
