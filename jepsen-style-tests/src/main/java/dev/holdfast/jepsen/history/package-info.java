/** What clients asked of a cluster, when, and what they were told. Knows no cluster, no model and no checker. */
@NullMarked
package dev.holdfast.jepsen.history;

import org.jspecify.annotations.NullMarked;
