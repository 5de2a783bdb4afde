/**
 * Members of several releases beside each other: what each of them reads and writes, which of them fit together, and when all of
 * them know something new. How they tell each other is not known here.
 */
@NullMarked
package dev.holdfast.node.internal.release;

import org.jspecify.annotations.NullMarked;
