/** The demo: a cluster of child processes, and one small class for each scene that is played on it. */
@NullMarked
package dev.holdfast.server.demo;

import org.jspecify.annotations.NullMarked;
