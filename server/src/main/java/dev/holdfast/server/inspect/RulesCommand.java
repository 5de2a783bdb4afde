package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists and changes the rules of who may do what. */
@Command(
        name = "rules",
        mixinStandardHelpOptions = true,
        customSynopsis = {
            "holdfast rules [list] [OPTIONS]",
            "holdfast rules add RULE [OPTIONS]",
            "holdfast rules remove RULE [OPTIONS]"
        },
        description = {
            "Lists and changes the rules of who may do what. They count if the members demand that clients prove who they are.",
            "",
            "A rule is one line: SUBJECT ROLE PREFIX, perhaps followed by 'owner' or 'within'. The subject is the name of a"
                    + " principal, @ and the name of a group, or * for everybody. The roles are 'read', 'lock', 'force', each of"
                    + " which includes those before it, and 'admin', which is everything, for every key. The rule is about keys"
                    + " with that prefix; * is every key. With 'owner', the owner's id must be the name of the principal; with"
                    + " 'within', the id of what the owner is within.",
            "",
            "'add' replaces the rule for the same subject and prefix, if there is one. 'remove' takes the whole rule, as it"
                    + " is listed. A member goes by a change as soon as it has learned of it, which takes a moment."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; of 'add', also if there was that very rule already",
            "1:of 'remove', there is no such rule",
            "2:wrong usage, or not a rule",
            "69:no leader answered",
            "77:you are not allowed to"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast rules",
            "  holdfast rules add alice lock orders/",
            "  holdfast rules add '@ops force *'     (quoted: a shell would put file names in place of *)",
            "  holdfast rules add tenant1 lock t1/ owner",
            "  holdfast rules remove alice lock orders/"
        })
public final class RulesCommand extends ShellCommand {
    @Parameters(
            arity = "0..*",
            paramLabel = "WORD",
            description = "'list', which is the default; or 'add' or 'remove', and a rule, in quotes or not.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = "--json",
            description = "Print one line of JSON: for each rule; or else the rule, and whether anything has changed.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    protected int run(ClusterOptions cluster) {
        String action = words.isEmpty() ? "list" : words.get(0);
        return switch (action) {
            case "list" -> list(cluster);
            case "add" -> add(cluster, rule());
            case "remove" -> remove(cluster, rule());
            default ->
                throw new ParameterException(
                        spec.commandLine(), "there is no 'rules " + action + "', but 'list', 'add' and 'remove'");
        };
    }

    private int list(ClusterOptions cluster) {
        if (words.size() > 1) {
            throw new ParameterException(spec.commandLine(), "'rules list' lists all rules, and takes nothing more");
        }
        List<AccessRule> rules;
        try (HoldfastClient client = cluster.connect("holdfast rules")) {
            rules = client.rules();
        }
        if (rules.isEmpty() && !json) {
            out().println("There are no rules.");
        }
        for (AccessRule rule : rules) {
            out().println(json ? Json.write(rule) : rule);
        }
        return ExitCode.DONE;
    }

    private int add(ClusterOptions cluster, AccessRule rule) {
        boolean changed;
        try (HoldfastClient client = cluster.connect("holdfast rules")) {
            changed = client.putRule(rule);
        }
        if (json) {
            reportJson(rule, changed);
        } else {
            out().println(changed ? "Added '" + rule + "'." : "There was '" + rule + "' already.");
        }
        return ExitCode.DONE;
    }

    private int remove(ClusterOptions cluster, AccessRule rule) {
        boolean changed;
        try (HoldfastClient client = cluster.connect("holdfast rules")) {
            changed = client.removeRule(rule);
        }
        if (json) {
            reportJson(rule, changed);
        } else if (changed) {
            out().println("Removed '" + rule + "'.");
        } else {
            complain("there is no rule '" + rule + "': 'holdfast rules' lists those that there are");
        }
        return changed ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void reportJson(AccessRule rule, boolean changed) {
        out().println(Json.write(Map.of("rule", rule.toString(), "changed", changed)));
    }

    private AccessRule rule() {
        List<String> rule = words.subList(1, words.size());
        return AccessRule.parse(
                rule.size() == 1
                        ? rule.get(0)
                        : rule.stream().map(RulesCommand::quoted).collect(Collectors.joining(" ")));
    }

    /** A word in which the shell has left blanks is one word of the rule. */
    private static String quoted(String word) {
        return word.isEmpty() || (word.contains(" ") && !word.startsWith("\""))
                ? '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
                : word;
    }
}
