/** What must hold of any history, checked in linear time or nearly so. Knows histories only; no models, no cluster. */
@NullMarked
package dev.holdfast.jepsen.invariant;

import org.jspecify.annotations.NullMarked;
