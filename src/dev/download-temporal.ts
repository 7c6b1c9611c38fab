/** Run as a program: lets Temporal's SDK download the dev server of a version into a folder. */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [downloadDir, version] = process.argv.slice(2);
if (!downloadDir || !version) throw new Error('usage: download-temporal FOLDER VERSION');

const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir, version } },
});
await environment.teardown();
