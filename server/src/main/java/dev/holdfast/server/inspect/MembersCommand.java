package dev.holdfast.server.inspect;

import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.PeerMembersRequest;
import dev.holdfast.client.remote.RemoteMembership;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the members of a cluster, and changes who they are. */
@Command(
        name = "members",
        mixinStandardHelpOptions = true,
        customSynopsis = {
            "holdfast members [list] [OPTIONS]",
            "holdfast members add|replace|remove|promote|demote|lead NAME [OPTIONS]",
            "holdfast members token [NAME] [--for DURATION] [OPTIONS]",
            "holdfast members tokens [OPTIONS]",
            "holdfast members withdraw ID [OPTIONS]"
        },
        description = {
            "Lists the members of the cluster and the newcomers that present themselves to it, and changes who is a member, while the"
                    + " cluster works.",
            "",
            "'add' makes a newcomer a member: a voter, or a listener if there are as many voters as there may be. 'replace' puts the newcomer of"
                    + " that name in the place of the member of that name, whose folder is lost. 'remove' makes a member none any"
                    + " more: it stops by itself. 'promote' makes a listener a voter, 'demote' a voter a listener. 'lead' makes a"
                    + " voter the leader of the first group.",
            "",
            "'token' prints a join token, by which one newcomer becomes a member by itself, once: holdfast.join-token of its"
                    + " configuration. With a name it is good for a member of that name only. 'tokens' lists those that have not expired,"
                    + " by ids from which no token can be made; 'withdraw' has the one of that id let nobody in any more.",
            "",
            "A change takes a majority of the voters that there were, and one of those that there are then. Repeating one does no"
                    + " harm. See docs/operations.md."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, or it was so already",
            "1:refused; or it is not known to be done, or not in all groups: repeat it",
            "2:wrong usage",
            "69:no peer answered, or no leader in time",
            "77:you are not allowed to"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast members",
            "  holdfast members replace b --timeout 2m     (b was started again, with an empty folder)",
            "  holdfast members remove d",
            "  holdfast members token d --for 10m > d.token",
            "  holdfast members withdraw 3f1c09aa5be2",
            "  holdfast members --json | jq -r '.members[] | select(.role == \"newcomer\") | .name'"
        })
public final class MembersCommand extends ShellCommand {
    private static final String LIST = "list";
    private static final String TOKEN = "token";
    private static final String TOKENS = "tokens";
    private static final String WITHDRAW = "withdraw";

    private static final Duration TOKEN_FOR = Duration.ofHours(1);

    /** For an attempt to reach a peer. */
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

    @Parameters(
            index = "0",
            arity = "0..1",
            defaultValue = LIST,
            paramLabel = "ACTION",
            description =
                    "'list', which is the default; 'add', 'replace', 'remove', 'promote', 'demote', 'lead', 'token', 'tokens'"
                            + " or 'withdraw'.")
    private String action = LIST;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            description = "The member, or the newcomer; with 'withdraw' the id of a token.")
    private @Nullable String member;

    @Option(names = "--force", description = "Do it even if the cluster would then stop when one more voter is lost.")
    private boolean force;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "With 'token': for how long it is good, such as 10m; 1h unless given, 30 days at most.")
    private @Nullable Duration validFor;

    @Option(
            names = "--json",
            description =
                    "Print one line of JSON: the members; what was done, and whether anything has changed; the token, or what there are.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * A member, as printed with {@code --json}.
     *
     * @param applied {@code null} if it does not answer
     */
    private record MemberView(
            String name,
            String incarnation,
            String role,
            List<Integer> leads,
            @Nullable Long applied,
            String raft,
            String clients,
            String version) {
        static MemberView of(MemberStatus member) {
            return new MemberView(
                    member.name(),
                    member.incarnation(),
                    member.role().name().toLowerCase(Locale.ROOT),
                    member.leads(),
                    member.answers() ? member.appliedIndex().getAsLong() : null,
                    member.raft().toString(),
                    member.clients().toString(),
                    member.version());
        }
    }

    /** A join token, as printed with {@code --json}. */
    private record TokenView(String token) {}

    /** All of it, as printed with {@code --json}. */
    private record MembersView(String cluster, String name, String answeredBy, List<MemberView> members) {}

    @Override
    protected int run(ClusterOptions cluster) throws InterruptedException {
        if (action.equals(LIST)) {
            if (member != null) {
                throw new ParameterException(
                        spec.commandLine(), "'members list' lists all members, and takes nothing more");
            }
            return list(cluster);
        }
        if (action.equals(TOKEN)) {
            return token(cluster);
        }
        if (action.equals(TOKENS)) {
            return tokens(cluster);
        }
        if (action.equals(WITHDRAW)) {
            return withdraw(cluster);
        }
        return change(cluster, change());
    }

    private int tokens(ClusterOptions cluster) throws InterruptedException {
        if (member != null || force || validFor != null) {
            throw new ParameterException(
                    spec.commandLine(), "'members tokens' lists all join tokens, and takes nothing more");
        }
        List<JoinTokenInfo> tokens;
        try {
            tokens = JoinTokenList.sorted(membership(cluster).joinTokens(cluster.timeout()));
        } catch (MemberChangeException e) {
            return refused(e);
        }
        if (json) {
            out().println(JoinTokenList.json(tokens));
        } else if (tokens.isEmpty()) {
            out().println("There are no join tokens.");
        } else {
            JoinTokenList.table(tokens).print(out());
        }
        return ExitCode.DONE;
    }

    private int withdraw(ClusterOptions cluster) throws InterruptedException {
        if (force || validFor != null) {
            throw new ParameterException(spec.commandLine(), "'members withdraw' takes neither --force nor --for");
        }
        String id = member;
        if (id == null) {
            throw new ParameterException(
                    spec.commandLine(), "'members withdraw' needs the id of a join token: 'members tokens' lists them");
        }
        return done(cluster, at -> at.withdrawJoinToken(id, cluster.timeout()));
    }

    private int token(ClusterOptions cluster) throws InterruptedException {
        if (force) {
            throw new ParameterException(spec.commandLine(), "'members token' takes no --force");
        }
        Duration time = validFor == null ? TOKEN_FOR : validFor;
        try {
            String token = membership(cluster).issueJoinToken(member == null ? "" : member, time, cluster.timeout());
            out().println(json ? Json.write(new TokenView(token)) : token);
            return ExitCode.DONE;
        } catch (MemberChangeException e) {
            return refused(e);
        }
    }

    private int refused(MemberChangeException e) {
        complain(String.valueOf(e.getMessage()));
        return e.reason() == Reason.NO_LEADER ? ExitCode.UNAVAILABLE : ExitCode.FAILED;
    }

    private MemberChange change() {
        if (validFor != null) {
            throw new ParameterException(spec.commandLine(), "--for is for 'members token' only");
        }
        Action wanted = switch (action) {
            case "add" -> Action.ADD;
            case "replace" -> Action.REPLACE;
            case "remove" -> Action.REMOVE;
            case "promote" -> Action.PROMOTE;
            case "demote" -> Action.DEMOTE;
            case "lead" -> Action.LEAD;
            default ->
                throw new ParameterException(
                        spec.commandLine(),
                        "there is no 'members " + action
                                + "', but 'list', 'add', 'replace', 'remove', 'promote', 'demote', 'lead', 'token', 'tokens'"
                                + " and 'withdraw'");
        };
        if (member == null) {
            throw new ParameterException(spec.commandLine(), "'members " + action + "' needs the name of a member");
        }
        return new MemberChange(wanted, member, force);
    }

    private static RemoteMembership membership(ClusterOptions cluster) {
        Duration attempt = cluster.timeout().compareTo(CONNECT_MAX) < 0 ? cluster.timeout() : CONNECT_MAX;
        return new RemoteMembership(
                cluster.addresses(),
                cluster.secured(RemoteOptions.named("holdfast members")
                        .withClusterName(cluster.name())
                        .withConnectTimeout(attempt)
                        .withRequestTimeout(attempt)));
    }

    private int list(ClusterOptions cluster) {
        PeerMembersRequest.Answer answer = membership(cluster).members();
        if (json) {
            out().println(Json.write(new MembersView(
                    answer.clusterId(),
                    answer.clusterName(),
                    answer.peerId(),
                    answer.members().stream().map(MemberView::of).toList())));
            return ExitCode.DONE;
        }
        if (answer.clusterId().isEmpty()) {
            complain("the cluster is not born yet. 'holdfast status' says for whom each peer waits");
            return ExitCode.UNAVAILABLE;
        }
        Table table = new Table("MEMBER", "INCARNATION", "ROLE", "LEADS", "APPLIED", "RAFT", "CLIENTS", "RELEASE");
        answer.members().forEach(each -> table.row(cells(each)));
        table.print(out());
        Map<String, String> ways = new LinkedHashMap<>();
        answer.members().stream()
                .filter(each -> each.role() == MemberStatus.Role.NEWCOMER)
                .forEach(each -> ways.put(each.name(), isMember(answer, each.name()) ? "replace" : "add"));
        ways.forEach((name, way) -> out().println("To let " + name + " in: holdfast members " + way + " " + name));
        return ExitCode.DONE;
    }

    private static boolean isMember(PeerMembersRequest.Answer answer, String name) {
        return answer.members().stream()
                .anyMatch(each -> each.name().equals(name) && each.role() != MemberStatus.Role.NEWCOMER);
    }

    private static String[] cells(MemberStatus member) {
        List<String> cells = new ArrayList<>();
        cells.add(member.name());
        cells.add(orDash(member.incarnation()));
        cells.add(member.role().name().toLowerCase(Locale.ROOT));
        cells.add(orDash(member.leads().stream().map(String::valueOf).collect(Collectors.joining(","))));
        cells.add(member.answers() ? String.valueOf(member.appliedIndex().getAsLong()) : "no answer");
        cells.add(member.raft().toString());
        cells.add(member.clients().toString());
        cells.add(orDash(member.version()));
        return cells.toArray(String[]::new);
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private int change(ClusterOptions cluster, MemberChange change) throws InterruptedException {
        return done(cluster, at -> at.change(change, cluster.timeout()));
    }

    private interface Change {
        MemberChangeResult at(RemoteMembership membership) throws InterruptedException;
    }

    private int done(ClusterOptions cluster, Change change) throws InterruptedException {
        MemberChangeResult result;
        try {
            result = change.at(membership(cluster));
        } catch (MemberChangeException e) {
            return refused(e);
        }
        if (json) {
            out().println(Json.write(result));
        } else {
            out().println(result.text() + ".");
        }
        if (!result.groupsBehind().isEmpty()) {
            complain("not in groups " + result.groupsBehind()
                    + " yet, whose leaders go on trying. Repeat it to see whether"
                    + " they have; until then, do not stop a member that was removed or replaced");
        }
        return result.groupsBehind().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }
}
