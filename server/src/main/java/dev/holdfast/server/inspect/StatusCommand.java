package dev.holdfast.server.inspect;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatus.Certificate;
import dev.holdfast.client.remote.PeerStatus.GroupStatus;
import dev.holdfast.client.remote.PeerStatus.Role;
import dev.holdfast.client.remote.PeerStatus.Security;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks every member for its status. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows the members of the cluster: which one leads, in which term, and how far each lags behind.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:there is a leader, and all members answered",
            "1:there is a leader, and some members did not answer",
            "2:wrong usage, or another cluster than --cluster names",
            "69:no leader answered, or not for every group",
            "77:no member admits this client"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast status",
            "  holdfast status --servers db1:7201,db2:7201,db3:7201",
            "  holdfast status --json | jq -r '.members[] | select(.role == \"LEADER\") | .id'"
        })
public final class StatusCommand extends ShellCommand {
    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final long SECONDS_PER_DAY = 86_400;

    /** From when on somebody should do something about it. */
    private static final long DAYS_MIN = 30;

    private static final String DOWN = "connection refused";

    /** Why those that did not answer did not. */
    private final Map<HostPort, TransportException> failures = new ConcurrentHashMap<>();

    /**
     * A member's role in a group, as printed.
     *
     * @param id its id
     * @param role {@code null} if it did not answer, like everything after it
     * @param lag how many committed entries it has yet to apply; {@code null} without a leader
     * @param stateBytes about how much heap its locks, sessions and waiters take, in bytes
     * @param stateBytesMax how much they may take; 0 for no bound
     * @param security how it is protected
     * @param certificates what it has for TLS
     * @param freeDiskBytes what is left of the disk of its data folder
     * @param waitsFor for what it waits before it can take part in anything; empty if it is a member
     */
    private record MemberView(
            String id,
            String clients,
            int group,
            @Nullable Role role,
            @Nullable Long term,
            @Nullable Long applied,
            @Nullable Long lag,
            @Nullable Long stateBytes,
            @Nullable Long stateBytesMax,
            @Nullable Long freeDiskBytes,
            @Nullable String version,
            @Nullable Security security,
            List<CertificateView> certificates,
            String waitsFor) {}

    /**
     * A certificate of a member, or a root that it trusts, as printed.
     *
     * @param until the last instant at which it is valid
     * @param daysLeft how many whole days are left until then; negative once it is over
     */
    private record CertificateView(
            String subject, boolean own, boolean forMembers, boolean forClients, Instant until, long daysLeft) {
        static CertificateView of(Certificate certificate) {
            return new CertificateView(
                    certificate.subject(),
                    certificate.own(),
                    certificate.forMembers(),
                    certificate.forClients(),
                    certificate.until(),
                    Math.floorDiv(
                            Duration.between(Instant.now(), certificate.until()).toSeconds(), SECONDS_PER_DAY));
        }
    }

    /**
     * The whole, as printed with {@code --json}.
     *
     * @param cluster its id
     * @param name what its members call it; empty if they do not tell
     * @param leaders of each group; {@code null} where nobody leads
     */
    private record ClusterView(
            @Nullable String cluster, String name, List<@Nullable String> leaders, List<MemberView> members) {}

    @Override
    protected int run(ClusterOptions cluster) throws InterruptedException {
        RemoteOptions options = cluster.secured(RemoteOptions.named("holdfast status"));
        StatusPoll poll = new StatusPoll(
                (peer, timeLeft) -> ask(peer, options, timeLeft),
                status -> cluster.isMeant(status.clusterName()),
                cluster.timeLeft());
        Map<HostPort, Optional<PeerStatus>> answers = poll.run(cluster.addresses());
        List<String> strangers = strangers(cluster, answers);
        if (!strangers.isEmpty()) {
            complain("not the cluster '" + cluster.name() + "': " + String.join(", ", strangers)
                    + ". Give its own addresses with --servers, or its name with --cluster");
            return ExitCode.USAGE;
        }
        Map<HostPort, String> ids = new LinkedHashMap<>();
        answers.values()
                .forEach(answer -> answer.ifPresent(
                        status -> status.members().forEach(member -> ids.put(member.clients(), member.peerId()))));
        boolean isToldWhy = complainOfRefusals();
        if (ids.isEmpty() && isForbidden()) {
            return ExitCode.FORBIDDEN;
        }
        if (ids.isEmpty() && isToldWhy) {
            return ExitCode.UNAVAILABLE;
        }
        if (ids.isEmpty()) {
            complain("no peer answers at "
                    + String.join(
                            ", ",
                            answers.keySet().stream().map(HostPort::toString).toList())
                    + ". Is the cluster running? 'holdfast cluster' starts one on this machine");
            return ExitCode.UNAVAILABLE;
        }
        ClusterView view = view(answers, ids);
        print(view);
        boolean allAnswered = view.members.stream().allMatch(member -> member.role != null);
        return view.leaders.contains(null) ? ExitCode.UNAVAILABLE : allAnswered ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** The peers of other clusters than that which is meant. */
    private static List<String> strangers(ClusterOptions cluster, Map<HostPort, Optional<PeerStatus>> answers) {
        List<String> strangers = new ArrayList<>();
        answers.forEach((address, answer) -> answer.map(PeerStatus::clusterName)
                .filter(name -> !cluster.isMeant(name))
                .ifPresent(name -> strangers.add(address + " belongs to '" + name + "'")));
        return strangers;
    }

    private Optional<PeerStatus> ask(HostPort address, RemoteOptions options, Duration timeLeft) {
        // The time for an answer is the sum of the two.
        Duration half = timeLeft.dividedBy(2).plusNanos(1);
        try {
            return Optional.of(PeerStatusRequest.ask(
                    address, options.withConnectTimeout(half).withRequestTimeout(half)));
        } catch (TransportException e) {
            failures.put(address, e);
            return Optional.empty();
        }
    }

    /** Complains of what is not just a peer that is down, and tells whether there was something. */
    private boolean complainOfRefusals() {
        List<String> why = failures.values().stream()
                .map(failure -> String.valueOf(failure.getMessage()))
                .filter(message -> !message.contains(DOWN))
                .sorted()
                .toList();
        why.forEach(this::complain);
        return !why.isEmpty();
    }

    private boolean isForbidden() {
        return failures.values().stream().anyMatch(failure -> failure.kind() == TransportException.Kind.FORBIDDEN);
    }

    private static ClusterView view(Map<HostPort, Optional<PeerStatus>> answers, Map<HostPort, String> ids) {
        List<PeerStatus> answered =
                answers.values().stream().flatMap(Optional::stream).toList();
        Map<String, HostPort> listed = new LinkedHashMap<>();
        ids.forEach((address, id) -> listed.putIfAbsent(id, address));
        int groups = answered.stream()
                .mapToInt(status -> status.groups().size())
                .max()
                .orElse(1);
        List<@Nullable String> leaders = new ArrayList<>();
        List<MemberView> members = new ArrayList<>();
        for (int group = 0; group < groups; group++) {
            Optional<PeerStatus> leader = leader(answered, group);
            leaders.add(leader.map(PeerStatus::peerId).orElse(null));
            for (Map.Entry<String, HostPort> member : listed.entrySet()) {
                members.add(view(member.getKey(), member.getValue(), group, answered, leader));
            }
        }
        return new ClusterView(
                answered.stream()
                        .map(PeerStatus::clusterId)
                        .max(Comparator.comparing(String::length))
                        .orElse(null),
                answered.stream()
                        .map(PeerStatus::clusterName)
                        .filter(name -> !name.isEmpty())
                        .findFirst()
                        .orElse(""),
                leaders,
                members);
    }

    /** Two may believe for a moment that they lead; the later term is right. */
    private static Optional<PeerStatus> leader(List<PeerStatus> answered, int group) {
        return answered.stream()
                .filter(status -> part(status, group)
                        .filter(part -> part.role() == Role.LEADER)
                        .isPresent())
                .max(Comparator.comparing(
                        status -> part(status, group).map(GroupStatus::term).orElse(0L)));
    }

    private static Optional<GroupStatus> part(PeerStatus status, int group) {
        return group < status.groups().size() ? Optional.of(status.groups().get(group)) : Optional.empty();
    }

    private static MemberView view(
            String id, HostPort address, int group, List<PeerStatus> answered, Optional<PeerStatus> leader) {
        Optional<PeerStatus> own =
                answered.stream().filter(status -> status.peerId().equals(id)).findFirst();
        Optional<GroupStatus> part = own.flatMap(status -> part(status, group));
        Optional<Long> committed = leader.flatMap(status -> part(status, group)).map(GroupStatus::committedIndex);
        return new MemberView(
                id,
                address.toString(),
                group,
                part.map(GroupStatus::role).orElse(null),
                part.map(GroupStatus::term).orElse(null),
                part.map(GroupStatus::appliedIndex).orElse(null),
                part.flatMap(known -> committed.map(index -> Math.max(0, index - known.appliedIndex())))
                        .orElse(null),
                part.map(GroupStatus::stateBytes).orElse(null),
                part.map(GroupStatus::stateBytesMax).orElse(null),
                own.map(PeerStatus::freeDiskBytes)
                        .filter(OptionalLong::isPresent)
                        .map(OptionalLong::getAsLong)
                        .orElse(null),
                own.map(PeerStatus::version).orElse(null),
                own.map(PeerStatus::security).orElse(null),
                own.map(PeerStatus::certificates).orElse(List.of()).stream()
                        .map(CertificateView::of)
                        .toList(),
                own.map(PeerStatus::waitsFor).orElse(""));
    }

    private void print(ClusterView view) {
        if (json) {
            out().println(Json.write(view));
            return;
        }
        boolean single = view.leaders.size() == 1;
        String cluster = view.name.isEmpty() ? view.cluster : "'" + view.name + "' (" + view.cluster + ")";
        boolean isBorn = view.cluster != null && !view.cluster.isEmpty();
        out().println("cluster " + (isBorn ? cluster : "'" + view.name + "'") + ", "
                + (!isBorn ? "not born yet" : single ? leads(view.leaders.get(0)) : allLeaders(view)));
        Table table = single
                ? new Table("MEMBER", "CLIENTS", "ROLE", "TERM", "APPLIED", "LAG", "STATE", "DISK FREE", "SECURITY")
                : new Table(
                        "MEMBER",
                        "CLIENTS",
                        "GROUP",
                        "ROLE",
                        "TERM",
                        "APPLIED",
                        "LAG",
                        "STATE",
                        "DISK FREE",
                        "SECURITY");
        for (MemberView member : view.members) {
            List<String> row = new ArrayList<>(List.of(member.id, member.clients));
            if (!single) {
                row.add(String.valueOf(member.group));
            }
            row.add(member.role == null ? "no answer" : member.role.name().toLowerCase(Locale.ROOT));
            row.addAll(List.of(
                    text(member.term),
                    text(member.applied),
                    text(member.lag),
                    state(member),
                    disk(member),
                    protection(member)));
            table.row(row.toArray(String[]::new));
        }
        table.print(out());
        warnOfExpiry(view);
        view.members.stream()
                .filter(member -> !member.waitsFor.isEmpty())
                .map(member -> member.id + " waits: " + member.waitsFor)
                .distinct()
                .forEach(out()::println);
        List<String> insecure = view.members.stream()
                .filter(member -> member.security != null && member.security.insecure())
                .map(MemberView::id)
                .distinct()
                .toList();
        if (!insecure.isEmpty()) {
            out().println("INSECURE, by configuration: " + String.join(", ", insecure)
                    + ". Traffic off loopback need not be encrypted; the log of each says what that leaves open");
        }
    }

    private void warnOfExpiry(ClusterView view) {
        view.members.stream()
                .flatMap(member -> member.certificates.stream()
                        .filter(certificate -> certificate.daysLeft < DAYS_MIN)
                        .map(certificate -> "EXPIRES: " + (certificate.own ? "the certificate " : "the root ")
                                + certificate.subject + " of " + member.id + ", at " + certificate.until + ", "
                                + (certificate.daysLeft < 0 ? "already over" : "in " + certificate.daysLeft + " days")))
                .distinct()
                .forEach(out()::println);
    }

    /** Whether its two ports speak TLS, for how long its own certificates are valid, and whether clients have to prove who they are. */
    private static String protection(MemberView member) {
        Security security = member.security;
        if (security == null) {
            return "-";
        }
        String ports = security.membersTls()
                ? security.clientsTls() ? "TLS" : "TLS for members"
                : security.clientsTls() ? "TLS for clients" : "no TLS";
        String days = member.certificates.stream()
                .filter(certificate -> certificate.own)
                .mapToLong(CertificateView::daysLeft)
                .min()
                .stream()
                .mapToObj(left -> " for " + left + " days")
                .findFirst()
                .orElse("");
        return ports + days + (security.accessRequired() ? ", access required" : ", open");
    }

    private static String allLeaders(ClusterView view) {
        List<String> each = new ArrayList<>();
        for (int group = 0; group < view.leaders.size(); group++) {
            each.add(leads(view.leaders.get(group)) + " group " + group);
        }
        return String.join(", ", each);
    }

    private static String leads(@Nullable String leader) {
        return (leader == null ? "nobody" : leader) + " leads";
    }

    /** How full it is. */
    private static String state(MemberView member) {
        Long bytes = member.stateBytes;
        Long most = member.stateBytesMax;
        if (bytes == null || most == null) {
            return "-";
        }
        return most == 0 ? mib(bytes) + " MiB" : mib(bytes) + " of " + mib(most) + " MiB";
    }

    private static String disk(MemberView member) {
        Long bytes = member.freeDiskBytes;
        return bytes == null ? "-" : bytes < GIB ? bytes / MIB + " MiB" : bytes / GIB + " GiB";
    }

    private static String mib(long bytes) {
        long tenths = Math.round(bytes / 104_857.6);
        return tenths < 100 ? tenths / 10 + "." + tenths % 10 : String.valueOf(tenths / 10);
    }

    private static String text(@Nullable Long number) {
        return number == null ? "-" : number.toString();
    }
}
