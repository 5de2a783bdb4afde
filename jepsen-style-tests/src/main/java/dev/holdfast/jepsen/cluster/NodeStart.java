package dev.holdfast.jepsen.cluster;

import dev.holdfast.node.Member;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Starts {@code holdfast node}, as users do, on the folder of a peer that is down and must not come up as things are. */
final class NodeStart {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Member member;
    private final Path folder;
    private final List<Member> members;
    private final int groups;
    private final List<String> prefix;
    private final Map<String, String> environment;
    private Release release = Release.present();

    NodeStart(
            Member member,
            Path folder,
            List<Member> members,
            int groups,
            List<String> prefix,
            Map<String, String> environment) {
        this.member = member;
        this.folder = folder;
        this.members = members;
        this.groups = groups;
        this.prefix = prefix;
        this.environment = environment;
    }

    /** Has it run that release. */
    void install(Release other) {
        release = other;
    }

    /** Blocks until it has ended. */
    RefusedStart attempt() throws IOException, InterruptedException {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (ChildJvm node = ChildJvm.plan("node " + member.id(), Main.class)
                .classPath(release.classPath())
                .prefix(prefix)
                .jvmOptions("-Xmx256m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .arguments("node", "--config", configuration().toString(), "--until-stdin-ends")
                .environment(environment)
                // Java tells of it in a line of its own.
                .notInheriting(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"))
                .output(lines::add)
                .errors(lines::add)
                .guarded()
                .start()) {
            int status = node.awaitEnd(PATIENCE);
            return new RefusedStart(status, lines);
        }
    }

    private String security() {
        Path certificates = ClusterCertificates.beside(folder);
        if (!Files.exists(certificates)) {
            return "insecure = true, secret-file = \"" + MembersSecret.beside(folder) + "\"";
        }
        String own = certificates.resolve("member-" + member.id()).toString();
        return "tls.members { certificate = \"" + own + ".pem\", key = \"" + own + ".key\", trust = \""
                + certificates.resolve("ca.pem") + "\" }, tls.clients.require-certificate = true";
    }

    private Path configuration() throws IOException {
        String list = members.stream().map(each -> "\"" + each + "\"").collect(Collectors.joining(", "));
        return Files.writeString(
                folder.resolveSibling(member.id() + ".conf"),
                "holdfast { id = " + member.id() + ", members = [" + list + "], data = \"" + folder + "\", groups = "
                        + groups + ", " + security() + " }\n");
    }
}
