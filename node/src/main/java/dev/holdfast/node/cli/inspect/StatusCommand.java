package dev.holdfast.node.cli.inspect;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatus.Role;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.cli.shell.ClusterOptions;
import dev.holdfast.node.cli.shell.ExitCode;
import dev.holdfast.node.cli.shell.Json;
import dev.holdfast.node.cli.shell.ShellCommand;
import dev.holdfast.node.cli.shell.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks every member about itself. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows the members of the cluster: who leads, in which term, and how far each is behind.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:a member leads, and all answered",
            "1:a member leads, and some did not answer",
            "2:wrong usage",
            "69:nobody leads, as far as anybody answered"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast status",
            "  holdfast status --servers db1:7201,db2:7201,db3:7201",
            "  holdfast status --json | jq -r '.members[] | select(.role == \"LEADER\") | .id'"
        })
public final class StatusCommand extends ShellCommand {
    private static final RemoteOptions OPTIONS = RemoteOptions.named("holdfast status");

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    /**
     * A member, as printed.
     *
     * @param id its id; its address if that is all that is known
     * @param role {@code null} if it did not answer, as all that follows
     * @param lag how many committed entries it has yet to apply; {@code null} if nobody leads
     */
    private record MemberView(
            String id,
            String clients,
            @Nullable Role role,
            @Nullable Long term,
            @Nullable Long applied,
            @Nullable Long lag,
            @Nullable String version) {}

    /** The whole, as printed with {@code --json}. */
    private record ClusterView(
            @Nullable String cluster, @Nullable String leader, List<MemberView> members) {}

    @Override
    protected int run(ClusterOptions cluster) {
        Map<HostPort, Optional<PeerStatus>> answers = new LinkedHashMap<>();
        askAll(cluster.addresses(), answers);
        Map<HostPort, String> ids = new LinkedHashMap<>();
        for (Optional<PeerStatus> answer : List.copyOf(answers.values())) {
            answer.ifPresent(status -> status.members().forEach(member -> ids.put(member.clients(), member.peerId())));
        }
        askAll(
                ids.keySet().stream()
                        .filter(address -> !answers.containsKey(address))
                        .toList(),
                answers);
        if (ids.isEmpty()) {
            complain("nobody answers at "
                    + String.join(
                            ", ",
                            answers.keySet().stream().map(HostPort::toString).toList())
                    + ". Is the cluster up? './holdfast cluster' starts one on this machine");
            return ExitCode.UNAVAILABLE;
        }
        ClusterView view = view(answers, ids);
        print(view);
        boolean allAnswered = view.members.stream().allMatch(member -> member.role != null);
        return view.leader == null ? ExitCode.UNAVAILABLE : allAnswered ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void askAll(Collection<HostPort> addresses, Map<HostPort, Optional<PeerStatus>> answers) {
        if (addresses.isEmpty()) {
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(addresses.size());
        try {
            Map<HostPort, CompletableFuture<Optional<PeerStatus>>> asked = new LinkedHashMap<>();
            for (HostPort address : addresses) {
                asked.put(address, CompletableFuture.supplyAsync(() -> ask(address), threads));
            }
            asked.forEach((address, answer) -> answers.put(address, answer.join()));
        } finally {
            threads.shutdown();
        }
    }

    private static Optional<PeerStatus> ask(HostPort address) {
        try {
            return Optional.of(PeerStatusRequest.ask(address, OPTIONS));
        } catch (TransportException e) {
            return Optional.empty();
        }
    }

    private static ClusterView view(Map<HostPort, Optional<PeerStatus>> answers, Map<HostPort, String> ids) {
        // Two may believe to lead for a moment; the later term is right.
        Optional<PeerStatus> leader = answers.values().stream()
                .flatMap(Optional::stream)
                .filter(status -> status.role() == Role.LEADER)
                .max((a, b) -> Long.compare(a.term(), b.term()));
        List<MemberView> members = new ArrayList<>();
        Map<String, HostPort> listed = new LinkedHashMap<>();
        ids.forEach((address, id) -> listed.putIfAbsent(id, address));
        listed.forEach((id, address) -> members.add(answers.values().stream()
                .flatMap(Optional::stream)
                .filter(status -> status.peerId().equals(id))
                .findFirst()
                .map(status -> answered(status, address, leader))
                .orElseGet(() -> new MemberView(id, address.toString(), null, null, null, null, null))));
        return new ClusterView(
                answers.values().stream()
                        .flatMap(Optional::stream)
                        .map(PeerStatus::clusterId)
                        .findFirst()
                        .orElse(null),
                leader.map(PeerStatus::peerId).orElse(null),
                members);
    }

    private static MemberView answered(PeerStatus status, HostPort address, Optional<PeerStatus> leader) {
        Long lag = leader.map(leading -> Math.max(0, leading.committedIndex() - status.appliedIndex()))
                .orElse(null);
        return new MemberView(
                status.peerId(),
                address.toString(),
                status.role(),
                status.term(),
                status.appliedIndex(),
                lag,
                status.version());
    }

    private void print(ClusterView view) {
        if (json) {
            System.out.println(Json.write(view));
            return;
        }
        System.out.println(
                "cluster " + view.cluster + ", " + (view.leader == null ? "nobody leads" : view.leader + " leads"));
        Table table = new Table("MEMBER", "CLIENTS", "ROLE", "TERM", "APPLIED", "LAG");
        for (MemberView member : view.members) {
            table.row(
                    member.id,
                    member.clients,
                    member.role == null ? "no answer" : member.role.name().toLowerCase(Locale.ROOT),
                    text(member.term),
                    text(member.applied),
                    text(member.lag));
        }
        table.print(System.out);
    }

    private static String text(@Nullable Long number) {
        return number == null ? "-" : number.toString();
    }
}
