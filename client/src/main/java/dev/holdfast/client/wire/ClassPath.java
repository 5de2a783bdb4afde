package dev.holdfast.client.wire;

import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.HelloFrame;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.WelcomeFrame;
import io.grpc.Channel;
import java.security.CodeSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells a conflict on the class path from a failure of the cluster. An application's other dependencies may bring a
 * protobuf or gRPC that this release cannot run with. That shows as a {@link LinkageError}, at the first use of what does
 * not fit, and no retry helps.
 */
public final class ClassPath {
    private static final Pattern GENERATED_BY = Pattern.compile("gencode (\\d[\\w.-]*)");

    /**
     * Uses what both ends of a connection need.
     *
     * @throws IllegalStateException if the class path does not fit; it says what is there and what is needed
     */
    public static void check() {
        check(ClassPath::use);
    }

    static void check(Runnable use) {
        try {
            use.run();
        } catch (LinkageError e) {
            throw new IllegalStateException(describe(e), e);
        }
    }

    private static void use() {
        byte[] hello = ClientFrame.newBuilder()
                .setHello(HelloFrame.getDefaultInstance())
                .build()
                .toByteArray();
        byte[] welcome = ServerFrame.newBuilder()
                .setWelcome(WelcomeFrame.getDefaultInstance())
                .build()
                .toByteArray();
        if (hello.length == 0
                || welcome.length == 0
                || HoldfastGrpc.getServiceDescriptor().getMethods().isEmpty()) {
            throw new LinkageError("generated code that does nothing");
        }
    }

    /** The conflict behind a failure; {@code null} if it is a failure of another kind. */
    public static @Nullable LinkageError conflict(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LinkageError conflict) {
                return conflict;
            }
        }
        return null;
    }

    /** What is on the class path, what is needed if that is known, and what failed. */
    public static String describe(LinkageError conflict) {
        Throwable root = conflict;
        for (Throwable cause = root.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        String message = String.valueOf(root.getMessage());
        Matcher generated = GENERATED_BY.matcher(message);
        String needed = generated.find()
                ? "Holdfast needs protobuf-java " + generated.group(1) + " or newer"
                : "align them with holdfast-bom";
        return "the class path has protobuf-java " + protobufVersion() + " and gRPC " + grpcVersion()
                + ", which do not fit: " + needed + " (" + root.getClass().getSimpleName() + ": " + message + ")";
    }

    /** Read when it runs: the compiler would copy the constants of the version that it sees. */
    private static String protobufVersion() {
        try {
            Class<?> version = Class.forName("com.google.protobuf.RuntimeVersion");
            return version.getField("MAJOR").getInt(null) + "."
                    + version.getField("MINOR").getInt(null) + "."
                    + version.getField("PATCH").getInt(null) + from(version);
        } catch (ReflectiveOperationException | LinkageError e) {
            return "older than 4.26";
        }
    }

    private static String grpcVersion() {
        try {
            Package of = Channel.class.getPackage();
            String version = of == null ? null : of.getImplementationVersion();
            return (version == null ? "of unknown version" : version) + from(Channel.class);
        } catch (LinkageError e) {
            return "missing";
        }
    }

    private static String from(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null || source.getLocation() == null ? "" : " from " + source.getLocation();
    }

    private ClassPath() {}
}
