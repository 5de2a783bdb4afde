/** From an empty application to a lock. */
@NullMarked
package dev.holdfast.samples.lock;

import org.jspecify.annotations.NullMarked;
