package dev.holdfast.client.remote;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.internal.remote.OneCall;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.StatusRequest;

/** Asks one peer about itself. */
public final class PeerStatusRequest {

    /**
     * Asks over a connection of its own, within the connect timeout and the request timeout of the options. Blocks.
     *
     * @throws TransportException if there is no answer, or one that cannot be understood
     */
    public static PeerStatus ask(HostPort peer, RemoteOptions options) {
        try {
            return PeerStatus.of(OneCall.to(
                    peer,
                    options,
                    options.connectTimeout().plus(options.requestTimeout()),
                    stub -> stub.status(StatusRequest.getDefaultInstance())));
        } catch (InvalidAddressException e) {
            throw new TransportException(Kind.REFUSED, peer + " sent a status that cannot be understood", e);
        }
    }

    private PeerStatusRequest() {}
}
