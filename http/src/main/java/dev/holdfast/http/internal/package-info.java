/** What answers, and how metrics look to Prometheus. */
@NullMarked
package dev.holdfast.http.internal;

import org.jspecify.annotations.NullMarked;
