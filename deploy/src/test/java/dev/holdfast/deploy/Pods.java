package dev.holdfast.deploy;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Validity;
import dev.holdfast.node.Member;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The members of a stateful set, each in a network namespace in the place of a pod, and one namespace more for their clients. The names of
 * pods that are not there mean nothing, and a pod that comes back has another address.
 */
final class Pods implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path folder;
    private final List<Member> members;
    private final String config;
    private final List<String> arguments;
    private final PodNetwork network;
    private final Map<Integer, ChildJvm> running = new TreeMap<>();
    private final List<ChildJvm> clients = new ArrayList<>();
    private final Map<String, String> names = new TreeMap<>();

    /**
     * @param config what all of them read, with the paths inside a pod
     * @param arguments with which the image is run
     */
    static Pods create(Path folder, List<Member> members, String config, List<String> arguments) throws Exception {
        PodNetwork network = PodNetwork.create(members.size() + 1);
        Pods pods = new Pods(folder, members, config, arguments, network);
        try {
            pods.writeCertificates();
            pods.writeNames();
            return pods;
        } catch (IOException | RuntimeException e) {
            pods.close();
            throw e;
        }
    }

    private Pods(Path folder, List<Member> members, String config, List<String> arguments, PodNetwork network) {
        this.folder = folder;
        this.members = members;
        this.config = config;
        this.arguments = arguments;
        this.network = network;
    }

    /** As cert-manager would. */
    private void writeCertificates() throws IOException {
        CertificateAuthority authority = CertificateAuthority.create("pods", Validity.ofDays(1));
        Files.writeString(ca(), authority.credentials().certificatePem());
        for (Member member : members) {
            Path tls = Files.createDirectories(etc(member).resolve("tls").resolve(member.id()));
            authority
                    .member(member.id(), List.of(member.host()), Validity.ofDays(1))
                    .writePem(tls.resolve("tls.crt"), tls.resolve("tls.key"));
            Files.copy(ca(), tls.resolve("ca.crt"));
            Files.writeString(etc(member).resolve("holdfast.conf"), inside(member, config));
        }
    }

    private Path ca() {
        return folder.resolve("ca.pem");
    }

    private Path etc(Member member) {
        return folder.resolve(member.id()).resolve("etc");
    }

    /** What is mounted in a pod is in a folder here. */
    private String inside(Member member, String text) {
        return text.replace("/etc/holdfast", etc(member).toString())
                .replace(
                        "/var/lib/holdfast",
                        folder.resolve(member.id()).resolve("data").toString());
    }

    private void writeNames() throws IOException {
        StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n");
        names.forEach((name, address) ->
                hosts.append(address).append(' ').append(name).append('\n'));
        network.names(hosts.toString());
    }

    String address(int number) {
        return network.address(number);
    }

    /** From now on the name of that pod means its address. */
    void publish(int number) throws IOException {
        names.put(members.get(number).host(), address(number));
        writeNames();
    }

    /** Starts the pod's process. Its name means nothing yet. */
    void start(int number) throws IOException {
        Member member = members.get(number);
        running.put(
                number,
                ChildJvm.plan(member.id(), Main.class)
                        .prefix(network.prefix(number))
                        .jvmOptions("-Xmx256m")
                        .jvmOptions(ChildJvm.SHORT_LIVED)
                        .environment(Map.of("HOLDFAST_ID", member.id()))
                        .arguments(arguments.stream()
                                .map(each -> inside(member, each))
                                .toList())
                        .readyWhen(line -> line.contains(" ready: "))
                        .log(folder.resolve(member.id() + ".log"))
                        .guarded()
                        .start());
    }

    private ChildJvm process(int number) {
        ChildJvm process = running.get(number);
        if (process == null) {
            throw new IllegalStateException("it was not started");
        }
        return process;
    }

    void awaitReady(int number) throws IOException, InterruptedException {
        process(number).awaitReady(PATIENCE);
    }

    boolean isReady(int number) {
        return process(number).isReady();
    }

    /** Sends SIGTERM, waits for the end, and takes away its name and its address. Returns the exit code. */
    int end(int number, Duration grace) throws IOException, InterruptedException {
        process(number).terminate();
        int exitCode = process(number).awaitEnd(grace);
        names.remove(members.get(number).host());
        writeNames();
        network.moveOn(number);
        return exitCode;
    }

    /** The command line of Holdfast, where clients are. */
    ChildJvm client(Consumer<String> output, List<String> command) throws IOException {
        List<String> servers = members.stream()
                .map(member -> member.host() + ":" + member.clientPort())
                .toList();
        ChildJvm client = ChildJvm.plan(command.get(0), Main.class)
                .prefix(network.prefix(members.size()))
                .jvmOptions("-Xmx128m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .jvmOptions("-Dslf4j.provider=dev.holdfast.server.PlainLogging")
                .environment(Map.of("HOLDFAST_SERVERS", String.join(",", servers), "HOLDFAST_CA", ca().toString()))
                .arguments(command)
                .output(output)
                .log(folder.resolve("clients.log"))
                .guarded()
                .start();
        clients.add(client);
        return client;
    }

    @Override
    public void close() throws IOException {
        for (ChildJvm client : clients) {
            // With what it runs.
            client.handle().descendants().forEach(ProcessHandle::destroyForcibly);
            client.close();
        }
        running.values().forEach(ChildJvm::close);
        network.close();
    }
}
