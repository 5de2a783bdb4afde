/**
 * Translates between the records of {@code dev.holdfast.protocol} and protobuf. Decoding checks only the shape; what a
 * well-formed value means is judged by the state machine.
 */
@NullMarked
package dev.holdfast.protocol.codec;

import org.jspecify.annotations.NullMarked;
