package dev.holdfast.spring.boot;

import dev.holdfast.client.ClientOptions;

/** A bean that changes the options of the application's client, after the properties and in the order of such beans. */
@FunctionalInterface
public interface ClientOptionsCustomizer {
    /**
     * Called once, before the client is made.
     *
     * @return the options to go on with
     */
    ClientOptions customize(ClientOptions options);
}
