package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.node.internal.storage.DurableFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where members are. There are three sources: what a member says of itself, which is remembered in the data folder; the list that this
 * peer was started with; and the addresses that the configuration in the log names. The first counts most, but whoever is to be dialled is
 * tried at all of them: who answers proves who it is.
 *
 * <p>Thread-safe.
 */
public final class AddressBook {
    private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);
    private static final String FILE = "addresses.properties";

    private final Path file;
    private final Map<String, Member> said = new ConcurrentHashMap<>();
    private final Map<String, Member> listed = new ConcurrentHashMap<>();
    private final Map<String, Member> configured = new ConcurrentHashMap<>();

    /** By name. */
    private final Map<String, Move> moves = new ConcurrentHashMap<>();

    /**
     * That somebody said to be elsewhere than this peer knew.
     *
     * @param atEpochMs when this peer heard of it
     */
    record Move(Member to, long atEpochMs) {}

    /** @param list with which this peer was started */
    public AddressBook(Path folder, List<Member> list) throws IOException {
        this.file = folder.resolve(FILE);
        list.forEach(member -> listed.put(member.id(), member));
        if (Files.exists(file)) {
            Properties stored = new Properties();
            try (InputStream in = Files.newInputStream(file)) {
                stored.load(in);
            }
            for (String name : stored.stringPropertyNames()) {
                try {
                    said.put(name, Member.parse(name + "=" + stored.getProperty(name)));
                } catch (IllegalArgumentException e) {
                    LOG.debug("{} has no address for {}", file, name, e);
                }
            }
        }
    }

    /**
     * What that peer says of itself.
     *
     * @param isMember whether it is a member, so that others are to be told of its move
     */
    public void said(Member member, boolean isMember) {
        Member before = of(member.id());
        said.put(member.id(), member);
        if (before != null && !before.equals(member)) {
            LOG.info("Member {} is now at {}", before, member);
            if (isMember) {
                moves.put(member.id(), new Move(member, System.currentTimeMillis()));
            }
            remember();
        }
    }

    /** The last move of each whose move this peer has heard of, but for those that are {@linkplain #forget forgotten}. */
    List<Move> moves() {
        return List.copyOf(moves.values());
    }

    void forget(Move move) {
        moves.remove(move.to().id(), move);
    }

    /** It only saves time: whoever moved will say so again. */
    private synchronized void remember() {
        Properties properties = new Properties();
        said.forEach(
                (name, member) -> properties.setProperty(name, member.toString().substring(name.length() + 1)));
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            properties.store(bytes, "Where members said that they are. May be deleted.");
            DurableFile.write(file, bytes.toByteArray());
        } catch (IOException e) {
            LOG.debug("{} is not written", file, e);
        }
    }

    /** What a configuration in the log names. */
    public void configured(Peer peer) {
        configured.put(peer.id().name(), peer.member());
    }

    /** Where that member is, as far as this peer knows; {@code null} if it knows nothing. */
    public @Nullable Member of(String name) {
        return known(name).findFirst().orElse(null);
    }

    /** Where that member is to be tried, in that order; without a name twice. */
    public List<HostPort> raftAddresses(String name) {
        Set<HostPort> addresses = new LinkedHashSet<>();
        known(name).forEach(member -> addresses.add(member.raftAddress()));
        return new ArrayList<>(addresses);
    }

    private Stream<Member> known(String name) {
        return Stream.of(said, listed, configured)
                .map(source -> source.get(name))
                .filter(Objects::nonNull);
    }
}
