/**
 * Who speaks at the client port, and what they may ask. What somebody may is decided at the leader, for each command, before it
 * reaches the log; the state machine knows the rules and does not apply them.
 */
@NullMarked
package dev.holdfast.node.internal.access;

import org.jspecify.annotations.NullMarked;
