/** The one door into a peer: to the local leader if there is one, else over to the peer that leads. */
@NullMarked
package dev.holdfast.node.gateway;

import org.jspecify.annotations.NullMarked;
