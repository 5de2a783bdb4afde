/** Commands that make what members and clients prove themselves by: certificates and tokens. */
@NullMarked
package dev.holdfast.server.credentials;

import org.jspecify.annotations.NullMarked;
