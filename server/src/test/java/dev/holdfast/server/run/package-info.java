/** The commands that run another command, as processes. */
package dev.holdfast.server.run;
