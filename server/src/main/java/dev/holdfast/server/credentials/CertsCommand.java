package dev.holdfast.server.credentials;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes certificates for tests and small clusters. */
@Command(
        name = "certs",
        description = {
            "Makes a small certificate authority, and certificates for members and clients, in a folder.",
            "Those of another authority do as well: a member's has the URI holdfast:member:ID among its alternative names, a client's holdfast:client:NAME."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {CertsInitCommand.class, CertsMemberCommand.class, CertsClientCommand.class},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it is made", "2:wrong usage", "74:it exists, or the folder cannot be used"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast certs init certs",
            "  holdfast certs member certs a db1.example.com 10.0.0.1",
            "  holdfast certs client certs alice"
        })
public final class CertsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** There is nothing to do without a subcommand. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which one: init, member or client?");
    }
}
