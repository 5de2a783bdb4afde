package dev.holdfast.node.internal.release;

import dev.holdfast.protocol.ProtocolVersion;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a member's release reads and writes.
 *
 * @param release what it calls itself, for people to read; empty if it does not know
 * @param entries the encodings of log entries that it reads
 * @param snapshots the encodings of snapshots that it reads
 * @param semantics the semantics of the machine that it can apply a log by
 */
public record Supported(String release, Versions entries, Versions snapshots, Versions semantics) {
    private static final int BYTES_MAX = 1024;
    private static final int RELEASE_CHARS_MAX = 64;

    public Supported {
        release = release.replaceAll("[\\p{Cntrl}\\\\]", " ");
        if (release.length() > RELEASE_CHARS_MAX) {
            release = release.substring(0, RELEASE_CHARS_MAX);
        }
    }

    /** By this release. */
    public static Supported here() {
        return new Supported(
                Objects.requireNonNullElse(Supported.class.getPackage().getImplementationVersion(), ""),
                Versions.upTo(ProtocolVersion.LOG_ENTRY),
                Versions.upTo(ProtocolVersion.SNAPSHOT),
                Versions.upTo(ProtocolVersion.SEMANTICS));
    }

    /** Lines of a name and a value. A later release may add some. */
    public byte[] encode() {
        return String.join(
                        "\n",
                        "release=" + release,
                        "entries=" + entries,
                        "snapshots=" + snapshots,
                        "semantics=" + semantics,
                        "")
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what a member of this release or another wrote; lines that are not known are left out.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Supported decode(byte[] bytes) {
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException(bytes.length + " bytes about a release");
        }
        Properties lines = new Properties();
        try {
            lines.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
        return new Supported(
                lines.getProperty("release", ""),
                Versions.parse(lines.getProperty("entries", "")),
                Versions.parse(lines.getProperty("snapshots", "")),
                Versions.parse(lines.getProperty("semantics", "")));
    }

    /**
     * Why a member of that release cannot be of a cluster that is in the state of this one, and what to do; {@code null} if it can.
     *
     * @param member its name
     * @param inForce the semantics in force
     */
    public @Nullable String complaint(String member, Supported its, int inForce) {
        String who = "member " + member + " has release " + its.named() + ", which ";
        if (its.semantics.newest() < inForce) {
            return who + "knows semantics up to " + its.semantics.newest() + ", and the cluster has switched to "
                    + inForce + ": upgrade that member";
        }
        if (its.semantics.oldest() > inForce) {
            return who + "knows semantics from " + its.semantics.oldest() + " on, and the cluster is still at "
                    + inForce + ": upgrade all members to a release in between first";
        }
        if (its.entries.newest() < entries.oldest() || its.snapshots.newest() < snapshots.oldest()) {
            return who + "is too old for release " + named()
                    + " of this member: upgrade it to a release in between first";
        }
        if (its.entries.oldest() > entries.newest() || its.snapshots.oldest() > snapshots.newest()) {
            return who + "is too new for release " + named()
                    + " of this member: upgrade this one to a release in between first";
        }
        return null;
    }

    private String named() {
        return release.isEmpty() ? "(unknown)" : release;
    }
}
