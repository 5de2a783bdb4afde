/** Who may do what in a cluster, and who did: rules, and records of the audit. */
@NullMarked
package dev.holdfast.client.access;

import org.jspecify.annotations.NullMarked;
