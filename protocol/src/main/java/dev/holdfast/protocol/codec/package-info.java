/**
 * Translates between the records of {@code dev.holdfast.protocol} and protobuf. Decoding checks only the shape; the
 * state machine judges what a well-formed value means.
 */
@NullMarked
package dev.holdfast.protocol.codec;

import org.jspecify.annotations.NullMarked;
