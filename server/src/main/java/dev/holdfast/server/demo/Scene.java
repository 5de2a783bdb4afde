package dev.holdfast.server.demo;

/** One thing that is shown, with real data, and checked. */
interface Scene {

    /** What is shown, in a line. */
    String title();

    /**
     * Plays it.
     *
     * @return what held, in a line
     * @throws SceneFailedException if what was to be shown is not so
     */
    String play(Stage stage) throws InterruptedException;
}
