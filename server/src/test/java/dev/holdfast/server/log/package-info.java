/** The commands that run peers, as processes. */
package dev.holdfast.server.log;
