/** Internal: numbers, batches, sends and repeats commands. Knows sequences, not what the commands mean. */
@NullMarked
package dev.holdfast.client.internal.pipeline;

import org.jspecify.annotations.NullMarked;
