/** Answers that a run of a program asks for, each once. One process can make several runs. */
export class OncePerRun<T> {
    private readonly runs = new WeakMap<object, Map<string, Promise<T>>>();

    /**
     * @param run what stands for the run, such as its client of the engine
     * @param key what the answer is known by
     */
    ask(run: object, key: string, question: () => Promise<T>): Promise<T> {
        const answers = this.runs.get(run) ?? new Map<string, Promise<T>>();
        this.runs.set(run, answers);
        const answer = answers.get(key) ?? question();
        answers.set(key, answer);
        return answer;
    }
}
