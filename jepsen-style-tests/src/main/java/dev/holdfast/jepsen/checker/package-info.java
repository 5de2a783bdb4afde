/** Whether a history could have come from a right service. Knows histories and models, and no cluster. */
@NullMarked
package dev.holdfast.jepsen.checker;

import org.jspecify.annotations.NullMarked;
