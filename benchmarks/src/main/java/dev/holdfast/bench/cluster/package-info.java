/** Where the work is done: three peers in this JVM, or as processes. */
@NullMarked
package dev.holdfast.bench.cluster;

import org.jspecify.annotations.NullMarked;
