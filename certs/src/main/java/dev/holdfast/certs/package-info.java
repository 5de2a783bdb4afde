/**
 * A small certificate authority, for tests and small clusters. It knows nothing of the rest of Holdfast, and peers and clients do not
 * need it: they read files, whoever made them.
 */
@NullMarked
package dev.holdfast.certs;

import org.jspecify.annotations.NullMarked;
