/** The commands as users run them: as processes. */
package dev.holdfast.server.cli;
