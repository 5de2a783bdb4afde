/** Whose the processors were while something was measured. */
@NullMarked
package dev.holdfast.bench.cpu;

import org.jspecify.annotations.NullMarked;
