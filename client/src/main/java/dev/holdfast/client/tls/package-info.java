/**
 * TLS: which files it is made of, and what is made of these files. Files are read again when they change. What a certificate may do in a
 * cluster is decided elsewhere.
 */
@NullMarked
package dev.holdfast.client.tls;

import org.jspecify.annotations.NullMarked;
