/** What a client and a peer measure, for the libraries that applications report metrics with. */
@NullMarked
package dev.holdfast.client.metrics;

import org.jspecify.annotations.NullMarked;
