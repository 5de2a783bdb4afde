/** Work for a cluster, and what it took. Knows a client and nothing of where the cluster runs. */
@NullMarked
package dev.holdfast.bench.load;

import org.jspecify.annotations.NullMarked;
