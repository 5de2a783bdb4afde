package dev.holdfast.node.internal.release;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What members said of their releases, as long as they go on saying it: one that is down may come back with another. Any thread
 * may use it.
 */
public final class KnownReleases implements MemberReleases {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Said(Supported supported, long atNanos) {}

    private final String self;
    private final Supplier<? extends Collection<String>> members;
    private final LongSupplier nanoTime;
    private final Map<String, Said> said = new ConcurrentHashMap<>();

    /**
     * Nobody but this member has said anything.
     *
     * @param self the id of this member
     * @param members the ids of all that the configuration names, listeners too; empty while it is about to change
     */
    public KnownReleases(String self, Supplier<? extends Collection<String>> members, LongSupplier nanoTime) {
        this.self = self;
        this.members = members;
        this.nanoTime = nanoTime;
    }

    /** That member said so just now. To be called every few seconds for each that is up. */
    public void said(String member, Supported supported) {
        said.put(member, new Said(supported, nanoTime.getAsLong()));
    }

    /** What that member said lately. */
    public Optional<Supported> of(String member) {
        return Optional.ofNullable(find(member, nanoTime.getAsLong()));
    }

    /** Which release that member said lately to be of; empty if it has not. */
    public String releaseOf(String member) {
        return of(member).map(Supported::release).orElse("");
    }

    @Override
    public Map<String, Optional<Supported>> now() {
        Collection<String> named = members.get();
        said.keySet().retainAll(named);
        long now = nanoTime.getAsLong();
        Map<String, Optional<Supported>> known = new LinkedHashMap<>();
        named.forEach(member -> known.put(member, Optional.ofNullable(find(member, now))));
        return known;
    }

    private @Nullable Supported find(String member, long nowNanos) {
        if (member.equals(self)) {
            return Supported.here();
        }
        Said last = said.get(member);
        return last == null || nowNanos - last.atNanos > FRESH_NANOS ? null : last.supported;
    }
}
