/** Asks each question once per run and keeps the answer. One process can have several runs. */
export class OncePerRun<T> {
    private readonly runs = new WeakMap<object, Map<string, Promise<T>>>();

    /**
     * @param run an object that identifies the run, such as its client of the engine
     * @param key identifies the question
     */
    ask(run: object, key: string, question: () => Promise<T>): Promise<T> {
        const answers = this.runs.get(run) ?? new Map<string, Promise<T>>();
        this.runs.set(run, answers);
        const answer = answers.get(key) ?? question();
        answers.set(key, answer);
        return answer;
    }
}
