/** What clients do to a cluster, and the record of it. Knows clients and histories; no faults and no checkers. */
@NullMarked
package dev.holdfast.jepsen.workload;

import org.jspecify.annotations.NullMarked;
