/** {@code ./holdfast bench}: what is run, where, and how it is reported. */
@NullMarked
package dev.holdfast.bench;

import org.jspecify.annotations.NullMarked;
