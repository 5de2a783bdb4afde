/** HTTP/JSON: what there is of it, who answers it, and how it is written. */
@NullMarked
package dev.holdfast.http.internal.api;

import org.jspecify.annotations.NullMarked;
