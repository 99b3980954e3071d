// What oned answers inside its answers: every element that its schemas (share/doc/xsd of OpenNebula 7) ask for, in their order.
const quotas = '<DATASTORE_QUOTA></DATASTORE_QUOTA><NETWORK_QUOTA></NETWORK_QUOTA><VM_QUOTA></VM_QUOTA><IMAGE_QUOTA></IMAGE_QUOTA>';

export const userXml = (name: string): string =>
  `<USER><ID>5</ID><GID>101</GID><GROUPS><ID>101</ID></GROUPS><GNAME>hanse</GNAME><NAME>${name}</NAME><PASSWORD><![CDATA[]]></PASSWORD>` +
  `<AUTH_DRIVER><![CDATA[core]]></AUTH_DRIVER><ENABLED>1</ENABLED><TEMPLATE></TEMPLATE>${quotas}<DEFAULT_USER_QUOTAS>${quotas}</DEFAULT_USER_QUOTAS></USER>`;

/** CPU in hundredths of a core, memory in KiB. */
const hostXml = ([id, cpu, memory]: readonly [number, number, number]): string =>
  `<HOST><ID>${id}</ID><NAME>kvm-${id}</NAME><STATE>2</STATE><PREV_STATE>2</PREV_STATE><IM_MAD><![CDATA[kvm]]></IM_MAD><VM_MAD><![CDATA[kvm]]></VM_MAD>` +
  `<CLUSTER_ID>100</CLUSTER_ID><CLUSTER>madrid</CLUSTER><HOST_SHARE><MEM_USAGE>${memory}</MEM_USAGE><CPU_USAGE>${cpu}</CPU_USAGE><TOTAL_MEM>268435456</TOTAL_MEM>` +
  '<TOTAL_CPU>6400</TOTAL_CPU><MAX_MEM>268435456</MAX_MEM><MAX_CPU>6400</MAX_CPU><RUNNING_VMS>1</RUNNING_VMS><VMS_THREAD>1</VMS_THREAD><DATASTORES>' +
  '<DISK_USAGE>0</DISK_USAGE><FREE_DISK>0</FREE_DISK><MAX_DISK>0</MAX_DISK><USED_DISK>0</USED_DISK></DATASTORES><PCI_DEVICES/><NUMA_NODES></NUMA_NODES></HOST_SHARE>' +
  '<VMS></VMS><TEMPLATE><ARCH><![CDATA[x86_64]]></ARCH><HYPERVISOR><![CDATA[kvm]]></HYPERVISOR></TEMPLATE><MONITORING></MONITORING></HOST>';

export const hostPoolXml = `<HOST_POOL>${[hostXml([1, 200, 33_554_432]), hostXml([2, 1600, 67_108_864])].join('')}</HOST_POOL>`;

const permissions = ['OWNER', 'GROUP', 'OTHER'].flatMap((who, index) =>
  ['U', 'M', 'A'].map((what) => `<${who}_${what}>${index === 0 && what !== 'A' ? 1 : 0}</${who}_${what}>`),
);

export const vmXml = ({ number, name }: { readonly number: number; readonly name: string }, user: string, isUp: boolean): string =>
  `<VM><ID>${number}</ID><UID>5</UID><GID>101</GID><UNAME>${user}</UNAME><GNAME>hanse</GNAME><NAME>${name}</NAME><PERMISSIONS>${permissions.join('')}</PERMISSIONS>` +
  `<LAST_POLL>0</LAST_POLL><STATE>3</STATE><LCM_STATE>${isUp ? 3 : 2}</LCM_STATE><PREV_STATE>3</PREV_STATE><PREV_LCM_STATE>${isUp ? 3 : 2}</PREV_LCM_STATE>` +
  '<RESCHED>0</RESCHED><STIME>0</STIME><ETIME>0</ETIME><DEPLOY_ID></DEPLOY_ID><MONITORING></MONITORING><SCHED_ACTIONS></SCHED_ACTIONS>' +
  '<TEMPLATE><CPU><![CDATA[16]]></CPU><MEMORY><![CDATA[65536]]></MEMORY></TEMPLATE><USER_TEMPLATE></USER_TEMPLATE><HISTORY_RECORDS/>' +
  '<BACKUPS><BACKUP_CONFIG/><BACKUP_IDS></BACKUP_IDS></BACKUPS></VM>';
