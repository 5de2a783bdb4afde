package dev.holdfast.spring.boot;

import dev.holdfast.node.HoldfastNodeBuilder;

/** A bean that changes how the embedded peer is built, after the properties and in the order of such beans. */
@FunctionalInterface
public interface HoldfastNodeBuilderCustomizer {
    /** Called once, before the peer starts. */
    void customize(HoldfastNodeBuilder builder);
}
