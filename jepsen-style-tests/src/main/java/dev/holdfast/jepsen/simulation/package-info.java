/** The real client, leader and state machine in one thread and in virtual time. No sockets, files or real clocks may enter. */
@NullMarked
package dev.holdfast.jepsen.simulation;

import org.jspecify.annotations.NullMarked;
