/** Clusters of peers, each a process of its own. Knows nothing of workloads, histories or checkers. */
@NullMarked
package dev.holdfast.jepsen.cluster;

import org.jspecify.annotations.NullMarked;
